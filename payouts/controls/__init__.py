"""What is looked at before a run is attested, each thing by a small named control."""

from payouts.controls import amounts, contracts, providers
from payouts.controls.checking import CONTROLS, Control, Found, Severity, find_all

__all__ = ["CONTROLS", "Control", "Found", "Severity", "amounts", "contracts", "find_all", "providers"]
