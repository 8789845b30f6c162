from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        from providers import events  # noqa: F401  # names what the app does, for the audit trail
