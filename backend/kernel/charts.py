"""Charts as inline SVG, drawn from data by Vega-Lite: readable in light, dark and print, and never without their table.

Drawn when they are asked for, never at import: the renderer hangs in a process that was forked after it began.
"""

import re
from collections.abc import Mapping
from typing import Any

import vl_convert as vlc
from django.utils.html import escape
from django.utils.safestring import SafeString

# What a chart is drawn with; the stylesheet turns these into the page's colours, which follow light and dark.
INK, ACCENT, EDGE, BAD = "#101010", "#202020", "#303030", "#404040"
VEGA_LITE = "6.4"
CONFIG: Mapping[str, Any] = {
    "background": None,
    "font": "system-ui, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif",
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": EDGE,
        "tickColor": EDGE,
        "gridColor": EDGE,
        "gridOpacity": 0.3,
    },
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": INK, "orient": "top"},
    "view": {"stroke": None},
}


def draw(spec: Mapping[str, Any], *, title: str, description: str) -> SafeString:
    """A Vega-Lite chart as SVG for a page. `description` tells a reader who does not see it what it shows."""
    svg = vlc.vegalite_to_svg({"config": CONFIG, **spec}, vl_version=VEGA_LITE)
    svg = re.sub(r'\s(?:aria-[a-z]+|role|class)="[^"]*"', "", svg)
    told = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    return SafeString(re.sub("<svg([^>]*)>", rf'<svg\1 class="chart" role="img">{told}', svg, count=1))
