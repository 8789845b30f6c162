from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "backend.demonstration"
    label = "demonstration"
