"""What can be done with scorecards."""

from scorecards.services.archiving import ask_archive, make_archive
from scorecards.services.computing import compute_scorecards, discard_scorecards, queue_scorecards, replay
from scorecards.services.hearing import answer_hearing, finalise_scorecards, open_hearing
from scorecards.services.reviewing import announce_threshold, decide_review, propose_review
from scorecards.services.targets import set_employment_rate, set_target

__all__ = [
    "announce_threshold",
    "answer_hearing",
    "ask_archive",
    "compute_scorecards",
    "decide_review",
    "discard_scorecards",
    "finalise_scorecards",
    "make_archive",
    "open_hearing",
    "propose_review",
    "queue_scorecards",
    "replay",
    "set_employment_rate",
    "set_target",
]
