from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "payouts"

    def ready(self) -> None:
        from outcomes.weighing import add_scales
        from payouts import events  # noqa: F401  # names what the app does, for the audit trail
        from payouts.stakes import weigh_facts

        add_scales(weigh_facts)
