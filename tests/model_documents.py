"""Random payment models as documents, for laws about reading, telling and comparing them."""

from hypothesis import strategies as st

WORDS = st.text("abcåäö-123", min_size=1, max_size=6)
MONEY = st.integers(0, 10**9).map(lambda ore: f"{ore // 100}.{ore % 100:02d}")
SHARES = st.integers(0, 20_000).map(lambda part: f"{part // 10_000}.{part % 10_000:04d}")  # finer ones may overflow
IN_DAYS = st.builds(lambda count, unit: f"P{count}{unit}", st.integers(1, 400), st.sampled_from("DW"))
DURATIONS = IN_DAYS | st.integers(1, 60).map(lambda count: f"P{count}M")
EXTENTS = st.integers(0, 100)
FORMS = ["permanent", "fixed_term", "probation", "hourly", "subsidised"]
WITHIN = {"within": DURATIONS}

Document = dict[str, object]
Documents = st.SearchStrategy[Document]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    """Some of the values, at least one, in any order."""
    return st.lists(st.sampled_from(values), min_size=1, unique=True)


def bands() -> st.SearchStrategy[list[Document]]:
    band = st.fixed_dictionaries({"extent_at_least": EXTENTS, "share": SHARES})
    return st.lists(band, min_size=1, max_size=3, unique_by=lambda each: each["extent_at_least"])


def employment(*, cumulative: bool) -> Documents:
    lengths = IN_DAYS if cumulative else DURATIONS
    return st.fixed_dictionaries(
        {"starts_within": DURATIONS, "lasts": lengths, "cumulative": st.just(cumulative)},
        optional={
            "may_start_before_end": st.booleans(),
            "counts": some(["employment", "studies"]),
            "forms": some(FORMS),
            "extent_at_least": EXTENTS,
            "gap_days": st.integers(0, 30),
            "bands": bands(),
            "blocks": st.fixed_dictionaries({"every": lengths, "max": st.integers(1, 20)}),
        },
    )


TERMS: dict[str, Documents] = {
    "attendance": st.fixed_dictionaries({"days": st.integers(1, 200)}, optional=WITHIN),
    "milestone": st.fixed_dictionaries({"name": WORDS}, optional=WITHIN),
    "grade": st.fixed_dictionaries(
        {"pass": some(["A", "B", "C", "D", "E", "F", "-"])},
        optional=WITHIN
        | {
            "per": st.sampled_from(["occurrence", "point"]),
            "once_per": st.sampled_from(["course", "placement"]),
        },
    ),
    "period": st.fixed_dictionaries(
        {},
        optional={
            "first_after_days": st.integers(0, 60),
            "needs_report": st.booleans(),
            "prorate": st.booleans(),
            "max_periods": st.integers(1, 36),
        },
    ),
    "employment": employment(cumulative=False)
    | employment(cumulative=True)
    | employment(cumulative=False).map(
        lambda terms: {key: value for key, value in terms.items() if key != "may_start_before_end"} | {"of": "start"}
    ),
    "earnings": st.fixed_dictionaries({"threshold": st.just("60000.00")}, optional=WITHIN),
}


@st.composite
def steps(draw: st.DrawFn, code: str, tiers: list[str], earlier: list[str]) -> Document:
    trigger = draw(st.sampled_from(sorted(TERMS)))
    step: Document = {"code": code, "trigger": trigger} | draw(TERMS[trigger])
    if draw(st.booleans()):
        step["share"] = draw(SHARES)
    else:
        step["amount"] = draw(MONEY | st.fixed_dictionaries(dict.fromkeys(tiers, MONEY)))
    if draw(st.booleans()) and earlier:
        step["requires"] = draw(some(earlier))
    if trigger != "period" and draw(st.booleans()):
        step["report_within"] = draw(DURATIONS)
    return step | draw(st.fixed_dictionaries({}, optional={"extends_for_interruptions": st.booleans(), "title": WORDS}))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A whole document that keeps every rule."""
    codes = draw(st.lists(WORDS, min_size=1, max_size=4, unique=True))
    tiers = draw(st.lists(WORDS, min_size=1, max_size=3, unique=True) | st.just(["standard"]))
    document: Document = {
        "code": draw(WORDS),
        "tiers": tiers,
        "steps": [draw(steps(code, tiers, codes[:number])) for number, code in enumerate(codes)],
    }
    if draw(st.booleans()):
        document["caps"] = {"per_placement": draw(MONEY)}
    if draw(st.booleans()):
        document |= {"title": draw(WORDS), "source": draw(WORDS)}
    return document
