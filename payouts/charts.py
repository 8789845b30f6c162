"""Charts of payouts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from backend.kernel.charts import ACCENT, EDGE, draw
from payouts.error_rates import ErrorRate

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


def rate_chart(rates: Mapping[date, ErrorRate]) -> SafeString:
    """Error rates in facts and in kronor, month by month, with their intervals."""
    in_facts, in_kronor = gettext("in facts"), gettext("in kronor")
    values = [
        {"month": f"{month:%Y-%m}", "side": side, **{name: 100 * float(getattr(said, name)) for name in SHOWN}}
        for month, rate in rates.items()
        for side, said in ((in_facts, rate.in_facts), (in_kronor, rate.in_kronor))
        if said.rate == said.rate
    ]
    place = {
        "x": {"field": "month", "type": "ordinal", "title": None, "axis": {"labelAngle": -45}},
        "xOffset": {"field": "side", "scale": {"paddingOuter": 0.6}},
        "color": {
            "field": "side",
            "type": "nominal",
            "title": None,
            "scale": {"domain": [in_facts, in_kronor], "range": [ACCENT, EDGE]},
        },
    }
    per_cent = {"type": "quantitative", "title": gettext("per cent wrong")}
    shape = {"field": "side", "type": "nominal", "title": None, "scale": {"domain": [in_facts, in_kronor]}}
    spec = {
        "data": {"values": values},
        "width": 760,
        "height": 240,
        "encoding": place,
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"y": {"field": "low", **per_cent}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {"y": {"field": "rate", **per_cent}, "shape": shape},
            },
        ],
    }
    description = gettext(
        "Dots are error rates, lines their 95 % intervals. The same figures stand in the table by month."
    )
    return draw(spec, title=gettext("Error rate by month"), description=description)


SHOWN = ("rate", "low", "high")
