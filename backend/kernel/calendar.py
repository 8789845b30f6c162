"""Swedish days of moments: every date of the project is a day in local time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LOCAL_TIME = ZoneInfo("Europe/Stockholm")


def local_day(moment: datetime) -> date:
    """The Swedish day on which an aware moment falls."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(LOCAL_TIME).date()
