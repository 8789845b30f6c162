"""The workers' entry: `dramatiq backend.worker` runs the messages of every app's tasks."""

import os

import django
from django.utils.module_loading import autodiscover_modules

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()
autodiscover_modules("tasks")

from backend.kernel.queue import broker  # noqa: E402  # Django has to be set up first

__all__ = ["broker"]
