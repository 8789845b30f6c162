from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "contracts"

    def ready(self) -> None:
        from contracts import events  # noqa: F401  # names what the app does, for the audit trail
