"""Charts of scorecards: the funnel, the trend and the mix. Told apart by shape and dash, so that grey print will do."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from backend.kernel.charts import ACCENT, EDGE, INK, draw

WIDTH, HEIGHT = 640, 300
HIGHEST = 3.0  # of the ratios that are drawn
PADDING = {"left": 56, "right": 16, "top": 12, "bottom": 48}

Spec = dict[str, Any]


def funnel_spec(ratings: Sequence[Mapping[str, Any]], own: int | None = None) -> Spec:
    """All providers of a model by expected number and ratio, with the limits; one of them stands out."""
    shown = [(place, one) for place, one in enumerate(ratings) if not one["is_hidden"] and one["expected"]]
    points = [{"x": one["expected"], "y": _inside(one["ratio"]), "is_own": place == own} for place, one in shown]
    limits = [
        {"x": one["expected"], "y": _inside(side), "limit": f"{name} {which}", "is_far": name == "limits998"}
        for _, one in sorted(shown, key=lambda pair: pair[1]["expected"])
        for name in ("limits95", "limits998")
        for which, side in zip(("low", "high"), one[name], strict=True)
    ]
    axes = {
        "x": {"field": "x", "type": "quantitative", "title": gettext("expected number"), "scale": _scale(_top(shown))},
        "y": {"field": "y", "type": "quantitative", "title": gettext("observed ÷ expected"), "scale": _scale(HIGHEST)},
    }
    layers: list[Spec] = [
        {"data": {"values": [{"y": 1}]}, "mark": {"type": "rule", "color": INK}, "encoding": {"y": axes["y"]}},
        {
            "data": {"values": limits},
            "mark": {"type": "line", "color": EDGE, "interpolate": "monotone"},
            "encoding": axes
            | {
                "detail": {"field": "limit"},
                "strokeDash": {"condition": {"test": "datum.is_far", "value": [2, 3]}, "value": [7, 3]},
            },
        },
        {
            "data": {"values": points},
            "transform": [{"filter": "!datum.is_own"}],
            "mark": {"type": "point", "shape": "circle", "color": EDGE, "size": 50},
            "encoding": axes,
        },
        {
            "data": {"values": points},
            "transform": [{"filter": "datum.is_own"}],
            "mark": {"type": "point", "shape": "diamond", "filled": True, "color": ACCENT, "size": 180},
            "encoding": axes,
        },
    ]
    return {"width": WIDTH, "height": HEIGHT, "layer": layers}


def _inside(ratio: float) -> float:
    return min(max(ratio, 0.0), HIGHEST)


def _top(shown: Sequence[tuple[int, Mapping[str, Any]]]) -> float:
    return max((one["expected"] for _, one in shown), default=1.0) * 1.05


def _scale(top: float) -> Spec:
    return {"domain": [0, top], "nice": False, "zero": True}


def funnel(ratings: Sequence[Mapping[str, Any]], own: int | None, title: str) -> SafeString:
    description = gettext(
        "Each circle is a provider, the filled diamond this one. Dashed lines are the limits of 95 %, dotted ones of"
        " 99.8 %. The same figures stand in the table."
    )
    return draw(funnel_spec(ratings, own), title=title, description=description)


def trend(own: Mapping[str, Any], everyone: Mapping[str, Any]) -> SafeString:
    """A share by quarter, the provider's own with its interval, and that of all."""
    mine, others = gettext("own"), gettext("all")
    values = [
        {
            "quarter": label,
            "side": side,
            "share": cell["value"] * 100,
            "low": cell["low"] * 100,
            "high": cell["high"] * 100,
        }
        for side, cells in ((mine, own), (others, everyone))
        for label, cell in cells.items()
        if cell and cell["value"] is not None
    ]
    x = {"field": "quarter", "type": "ordinal", "title": None, "axis": {"labelAngle": -45}}
    y = {"field": "share", "type": "quantitative", "title": gettext("per cent"), "scale": {"domain": [0, 100]}}
    sides = {"domain": [mine, others]}
    spec = {
        "data": {"values": values},
        "width": WIDTH,
        "height": 200,
        "layer": [
            {
                "transform": [{"filter": {"field": "side", "equal": mine}}],
                "mark": {"type": "rule", "color": ACCENT},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "point": True},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "side",
                        "type": "nominal",
                        "title": None,
                        "scale": sides | {"range": [ACCENT, EDGE]},
                    },
                    "strokeDash": {
                        "field": "side",
                        "type": "nominal",
                        "title": None,
                        "scale": sides | {"range": [[1, 0], [5, 4]]},
                    },
                },
            },
        ],
    }
    title = gettext("A job within a year, by the quarter of the start")
    return draw(spec, title=title, description=gettext("The same figures stand in the table."))


def mix(own: Mapping[str, Any], everyone: Mapping[str, Any]) -> SafeString:
    """The parts of the tiers among those who started, the provider's own beside those of all."""
    mine, others = gettext("own"), gettext("all")
    values = []
    for side, cells in ((mine, own), (others, everyone)):
        total = sum(cell["n"] for cell in cells.values() if cell)
        values += [
            {"tier": label, "side": side, "part": 100 * cell["n"] / total}
            for label, cell in cells.items()
            if cell and total
        ]
    spec = {
        "data": {"values": values},
        "width": WIDTH - 80,
        "height": {"step": 18},
        "mark": "bar",
        "encoding": {
            "y": {"field": "tier", "type": "nominal", "title": gettext("tier")},
            "yOffset": {"field": "side", "type": "nominal", "sort": [mine, others]},
            "x": {"field": "part", "type": "quantitative", "title": gettext("per cent of those who started")},
            "color": {
                "field": "side",
                "type": "nominal",
                "title": None,
                "scale": {"domain": [mine, others], "range": [ACCENT, EDGE]},
            },
        },
    }
    return draw(spec, title=gettext("Who started"), description=gettext("The same figures stand in the table."))
