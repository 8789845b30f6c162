"""Charts of payouts."""

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from backend.kernel.charts import ACCENT, EDGE, draw

ORE = 100


def compared_chart(rows: Sequence[dict[str, Any]]) -> SafeString:
    """What runs wrote, and what they would have written under a draft, month by month in thousands of kronor."""
    draft, written = gettext("draft"), gettext("written")
    values = [
        {"month": row["name"], "side": side, "amount": row[name] / ORE / 1000}
        for row in rows
        for name, side in (("draft", draft), ("written", written))
    ]
    spec = {
        "data": {"values": values},
        "width": 760,
        "height": 220,
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "month", "type": "ordinal", "title": None, "axis": {"labelAngle": -45}},
            "y": {"field": "amount", "type": "quantitative", "title": gettext("thousand kronor")},
            "color": {
                "field": "side",
                "type": "nominal",
                "title": None,
                "scale": {"domain": [draft, written], "range": [ACCENT, EDGE]},
            },
            "strokeDash": {"field": "side", "type": "nominal", "legend": None, "sort": [written, draft]},
        },
    }
    description = gettext("The same figures stand in the table by run.")
    return draw(spec, title=gettext("Draft and written, by month"), description=description)
