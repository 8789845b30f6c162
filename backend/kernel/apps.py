from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "backend.kernel"
    label = "kernel"
