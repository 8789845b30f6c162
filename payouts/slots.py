"""What payouts puts on the pages of the ground floor: navigation, what awaits whom, what a search finds."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.slots import NAVIGATION, Entry
from backend.kernel.web import STAFF

NAVIGATION += [
    Entry(_("Runs"), "payouts:run_list", "runs", STAFF, 20),
    Entry(_("Placements"), "payouts:placement_list", "placements", STAFF, 30),
]
