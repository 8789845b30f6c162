"""The words in which payment models are told, in Swedish and English. Pure data and the small grammar around it.

A phrase that counts something is a pair: for one, and for several.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from backend.kernel.fields import plain_share
from backend.kernel.periods import Duration

Language = Literal["sv", "en"]

NO_BREAK = "\u00a0"

SWEDISH = {
    "and": "och",
    "or": "eller",
    "source": "Källa: {source}",
    "tiers": "Nivåer, från lättast till svårast: {tiers}.",
    "cap": "Sammanlagt betalas högst {amount} för en placering.",
    "heading": "{number}. {title}",
    # amounts
    "pays": "Betalar {amount}{per}.",
    "on_tier": "{amount} på nivå {tier}",
    "of_price": "{share} av placeringens pris",
    "per_course": " för varje godkänd kurs",
    "per_point": " för varje poäng i en godkänd kurs",
    "per_month": " för varje kalendermånad",
    "per_block": " för varje period om {every}",
    # what reaches the step
    "attendance": "Steget är nått den dag då deltagaren har närvarat i sammanlagt {days}.",
    "milestone": "Steget är nått den dag då delmålet ”{name}” är nått.",
    "grade": "En kurs är godkänd med betyget {grades}, och räknas från sitt första godkända betyg.",
    "one_course": "Bara den kurs som först blir godkänd betalas.",
    "period": "En månad betalas när den är slut, eller när placeringen avslutas.",
    "prorated": "Av en månad som inte är hel betalas de dagar då placeringen pågår; dagar av avbrott räknas bort.",
    "not_prorated": "En påbörjad månad betalas helt; en månad som helt är avbrott betalas inte.",
    "first_after": "Inget betalas förrän placeringen har varat i {days}; då betalas alla dess månader.",
    "needs_report": "En månad betalas bara om dess periodrapport är godkänd.",
    "max_periods": "Högst {count} betalas: de första då placeringen pågår, rapporterade eller inte.",
    "earnings": "Steget är nått den dag då lön för arbete efter starten når sammanlagt {threshold}.",
    "within": "Det ska ske senast {within} efter starten.",
    # employment
    "job": "Ett arbete",
    "studies": "Studier",
    "job_or_studies": "Ett arbete eller studier",
    "from_start": "starten",
    "from_end": "avslutet",
    "lasting": "{what} ska börja senast {window} efter {anchor} och vara i minst {lasts} utan uppehåll.",
    "lasting_cumulative": "{what} ska börja senast {window} efter {anchor} och omfatta sammanlagt minst {lasts}.",
    "reached": "Steget är nått dagen efter {lasts}.",
    "reached_after_exit": "Steget är nått dagen efter {lasts}, tidigast på avslutsdagen, som ska vara känd.",
    "reached_blocks": "Efter {lasts} betalas varje ytterligare full period om {every}, högst {times}.",
    "blocks_after_exit": "En period betalas tidigast på avslutsdagen, som ska vara känd.",
    "together": "Det som pågår samtidigt eller dag efter dag räknas tillsammans, även hos olika arbetsgivare.",
    "not_before_start": "Det som började före starten räknas inte.",
    "not_before_end": "Det som började före dagen efter avslutet räknas inte.",
    "extent": "Bara dagar med minst {extent} av heltid räknas.",
    "forms": "Av anställningsformerna räknas bara {forms}.",
    "gap": "Ett uppehåll på högst {days} i rad bryter inte och räknas med i tiden.",
    "cumulative": "Dagarna behöver inte ligga i följd: alla dagar från den första räknas samman.",
    "bands": "Medelomfattningen under tiden avgör hur mycket som betalas: {bands}; annars inget.",
    "band": "{share} av beloppet från {extent} av heltid",
    # conditions
    "requires": "Kräver att även {steps} har nåtts.",
    "step": "steget ”{title}”",
    "report_within": "Det ska ha rapporterats senast {duration} efter den dag då steget nåddes.",
    "extended": "Tidsgränsen förlängs med dagar av avbrott.",
    "not_extended": "Tidsgränsen förlängs inte vid avbrott.",
    # comparison
    "same": "Modellerna säger samma sak.",
    "of_model": "Modellen",
    "of_step": "Steget ”{title}”",
    "changed": "{where}, {key}: {old} → {new}",
    "added": "{where} är nytt.",
    "removed": "{where} har tagits bort.",
    "order": "Stegens ordning: {old} → {new}",
    "none": "inget",
    "yes": "ja",
    "no": "nej",
    "blocks": "{every}, högst {times}",
}

ENGLISH = {
    "and": "and",
    "or": "or",
    "source": "Source: {source}",
    "tiers": "Tiers, from easiest to hardest: {tiers}.",
    "cap": "At most {amount} is paid for one placement in all.",
    "heading": "{number}. {title}",
    "pays": "Pays {amount}{per}.",
    "on_tier": "{amount} on tier {tier}",
    "of_price": "{share} of the placement's price",
    "per_course": " for each passed course",
    "per_point": " for each point of a passed course",
    "per_month": " for each calendar month",
    "per_block": " for each period of {every}",
    "attendance": "The step is reached on the day when the participant has attended {days} in all.",
    "milestone": "The step is reached on the day when the milestone “{name}” is reached.",
    "grade": "A course is passed with the grade {grades}, and counts from its first passing grade.",
    "one_course": "Only the course that is passed first is paid.",
    "period": "A month is paid when it is over, or when the placement ends.",
    "prorated": "Of a month that is not whole the active days are paid; interrupted days are left out.",
    "not_prorated": "A month that has begun is paid in full; a month that is all interruption is not paid.",
    "first_after": "Nothing is paid until the placement has lasted {days}; then all its months are.",
    "needs_report": "A month is paid only if its periodic report is approved.",
    "max_periods": "At most {count} are paid: the first ones when the placement is active, reported or not.",
    "earnings": "The step is reached on the day when pay for work after the start reaches {threshold} in all.",
    "within": "It must happen no later than {within} after the start.",
    "job": "A job",
    "studies": "Studies",
    "job_or_studies": "A job or studies",
    "from_start": "the start",
    "from_end": "the exit",
    "lasting": "{what} must begin no later than {window} after {anchor} and last at least {lasts} unbroken.",
    "lasting_cumulative": "{what} must begin no later than {window} after {anchor} and reach at least {lasts} in all.",
    "reached": "The step is reached the day after {lasts}.",
    "reached_after_exit": "The step is reached the day after {lasts}, no earlier than the exit, which must be known.",
    "reached_blocks": "After {lasts}, each further full period of {every} is paid, at most {times}.",
    "blocks_after_exit": "A period is paid no earlier than on the day of the exit, which must be known.",
    "together": "What goes on at the same time or day after day counts together, with different employers too.",
    "not_before_start": "What began before the start does not count.",
    "not_before_end": "What began before the day after the exit does not count.",
    "extent": "Only days with at least {extent} of full time count.",
    "forms": "Of the forms of employment only {forms} count.",
    "gap": "A gap of at most {days} in a row does not break it and counts as part of the time.",
    "cumulative": "The days need not be in a row: all days from the first one are added up.",
    "bands": "The mean extent over the time decides how much is paid: {bands}; otherwise nothing.",
    "band": "{share} of the amount from {extent} of full time",
    "requires": "Requires {steps} to be reached too.",
    "step": "the step “{title}”",
    "report_within": "It must have been reported no later than {duration} after the day when the step was reached.",
    "extended": "The time limit is extended by interrupted days.",
    "not_extended": "The time limit is not extended for interruptions.",
    "same": "The models say the same.",
    "of_model": "The model",
    "of_step": "The step “{title}”",
    "changed": "{where}, {key}: {old} → {new}",
    "added": "{where} is new.",
    "removed": "{where} has been removed.",
    "order": "The order of the steps: {old} → {new}",
    "none": "none",
    "yes": "yes",
    "no": "no",
    "blocks": "{every}, at most {times}",
}

PHRASES: dict[Language, dict[str, str]] = {"sv": SWEDISH, "en": ENGLISH}

COUNTED: dict[Language, dict[str, tuple[str, str]]] = {
    "sv": {
        "D": ("{n} dag", "{n} dagar"),
        "W": ("{n} vecka", "{n} veckor"),
        "M": ("{n} månad", "{n} månader"),
        "times": ("{n} gång", "{n} gånger"),
    },
    "en": {
        "D": ("{n} day", "{n} days"),
        "W": ("{n} week", "{n} weeks"),
        "M": ("{n} month", "{n} months"),
        "times": ("once", "{n} times"),
    },
}

FORMS: dict[Language, dict[str, str]] = {
    "sv": {
        "permanent": "tillsvidareanställning",
        "fixed_term": "tidsbegränsad anställning",
        "probation": "provanställning",
        "hourly": "timanställning",
        "subsidised": "subventionerad anställning",
    },
    "en": {
        "permanent": "permanent employment",
        "fixed_term": "fixed-term employment",
        "probation": "probationary employment",
        "hourly": "hourly employment",
        "subsidised": "subsidised employment",
    },
}

KEYS: dict[Language, dict[str, str]] = {
    "sv": {
        "code": "kod",
        "title": "namn",
        "source": "källa",
        "tiers": "nivåer",
        "cap": "tak per placering",
        "trigger": "vad som utlöser",
        "amount": "belopp",
        "share": "andel av priset",
        "requires": "kräver stegen",
        "report_within": "tid att rapportera",
        "extends_for_interruptions": "tidsgränsen förlängs vid avbrott",
        "days": "närvarodagar",
        "within": "senast efter starten",
        "name": "delmål",
        "pass": "godkända betyg",
        "per": "betalas per",
        "once_per": "en gång per",
        "first_after_days": "dagar innan något betalas",
        "needs_report": "kräver periodrapport",
        "prorate": "betalas per dag",
        "max_periods": "högsta antal månader",
        "starts_within": "börjar senast inom",
        "lasts": "varar minst",
        "of": "räknat från",
        "may_start_before_end": "får börja före avslutet",
        "counts": "räknas",
        "forms": "anställningsformer",
        "extent_at_least": "lägsta omfattning",
        "gap_days": "tillåtna uppehållsdagar",
        "cumulative": "dagar räknas samman",
        "bands": "andel efter omfattning",
        "blocks": "ytterligare perioder",
        "threshold": "inkomstgräns",
    },
    "en": {
        "code": "code",
        "title": "name",
        "source": "source",
        "tiers": "tiers",
        "cap": "cap per placement",
        "trigger": "what triggers it",
        "amount": "amount",
        "share": "share of the price",
        "requires": "requires the steps",
        "report_within": "time to report",
        "extends_for_interruptions": "time limit extended by interruptions",
        "days": "days attended",
        "within": "no later than after the start",
        "name": "milestone",
        "pass": "passing grades",
        "per": "paid per",
        "once_per": "once per",
        "first_after_days": "days before anything is paid",
        "needs_report": "needs a periodic report",
        "prorate": "paid by the day",
        "max_periods": "most months",
        "starts_within": "begins within",
        "lasts": "lasts at least",
        "of": "counted from",
        "may_start_before_end": "may begin before the exit",
        "counts": "counts",
        "forms": "forms of employment",
        "extent_at_least": "least extent",
        "gap_days": "days of gap allowed",
        "cumulative": "days are added up",
        "bands": "share by extent",
        "blocks": "further periods",
        "threshold": "earnings threshold",
    },
}

SWEDISH_VALUES = {
    "attendance": "närvaro",
    "milestone": "delmål",
    "grade": "betyg",
    "period": "kalendermånad",
    "employment": "arbete",
    "earnings": "lön",
    "studies": "studier",
    "end": "avslutet",
    "start": "starten",
    "occurrence": "kurs",
    "point": "poäng",
    "course": "kurs",
    "placement": "placering",
    **FORMS["sv"],
}

ENGLISH_VALUES = {
    "attendance": "attendance",
    "milestone": "milestone",
    "grade": "grade",
    "period": "calendar month",
    "employment": "employment",
    "earnings": "earnings",
    "studies": "studies",
    "end": "the exit",
    "start": "the start",
    "occurrence": "course",
    "point": "point",
    "course": "course",
    "placement": "placement",
    **FORMS["en"],
}

VALUES: dict[Language, dict[str, str]] = {"sv": SWEDISH_VALUES, "en": ENGLISH_VALUES}


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases and the small grammar of one language."""

    language: Language

    def say(self, phrase: str, **values: object) -> str:
        return PHRASES[self.language][phrase].format(**values)

    def count(self, number: int, unit: str) -> str:
        """A number with its unit: `2 månader`, `1 week`."""
        one, many = COUNTED[self.language][unit]
        return (one if number == 1 else many).format(n=number).replace(" ", NO_BREAK)

    def duration(self, duration: Duration) -> str:
        return self.count(duration.count, duration.unit)

    def percent(self, part: Fraction) -> str:
        """A part as per cent, with the language's decimal sign: 13/80 is `16,25 %`."""
        number = plain_share(part * 100)
        return f"{number.replace('.', ',') if self.language == 'sv' else number}{NO_BREAK}%"

    def listed(self, items: Sequence[str], word: Literal["and", "or"]) -> str:
        """`A, B och C`."""
        if len(items) == 1:
            return items[0]
        return f"{', '.join(items[:-1])} {self.say(word)} {items[-1]}"
