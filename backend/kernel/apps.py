from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "backend.kernel"
    label = "kernel"

    def ready(self) -> None:
        from backend.kernel import events  # noqa: F401  # names what the app does, for the audit trail
