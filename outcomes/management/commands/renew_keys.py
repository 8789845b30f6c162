"""`renew_keys`: what was encrypted or hashed with earlier keys is so with the current ones."""

from typing import Any

from django.core.management.base import BaseCommand

from backend.kernel.second_factor import renew_factors
from outcomes.services import renew_keys, renew_row_keys


class Command(BaseCommand):
    help = "Encrypt and hash identity numbers and second factors with the current keys, so that earlier ones may go."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{renew_keys() + renew_row_keys()} identity numbers, {renew_factors()} second factors")
