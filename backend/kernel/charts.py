"""Charts as SVG that stands in a page: drawn in this process from Altair's description, without style attributes, so
that the strict content security policy holds. The stylesheet gives them the page's colours, light or dark."""

import re
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe

# The stylesheet knows these and says what they are in each theme.
SERIES = ("#0b5563", "#b07d2b", "#6b4f8f", "#98231b")
CONFIG: dict[str, Any] = {
    "background": None,
    "font": "system-ui, sans-serif",
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 12,
        "domainColor": "#888888",
    },
    "axisX": {"grid": False},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "orient": "bottom"},
    "view": {"stroke": None},
    "range": {"category": list(SERIES)},
    "bar": {"color": SERIES[0]},
    "line": {"color": SERIES[0], "strokeWidth": 2},
}
SWEDISH = {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0kr"]}


def draw(chart: Any) -> SafeString:
    """An Altair chart as SVG. It is decoration: the page tells the same in a table beside it."""
    return _svg(chart.to_json())


@lru_cache(maxsize=128)
def _svg(specification: str) -> SafeString:
    import vl_convert  # rendering starts a JavaScript engine, so never at import

    drawn = vl_convert.vegalite_to_svg(specification, config=CONFIG, format_locale=SWEDISH, allowed_base_urls=[])
    return mark_safe(re.sub(r"<svg ", '<svg aria-hidden="true" focusable="false" ', drawn, count=1))  # noqa: S308  # vl_convert escapes texts
