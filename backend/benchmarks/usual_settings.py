"""The settings of production, with the usual API beside ours."""

from backend.settings import *  # noqa: F403

ROOT_URLCONF = "backend.benchmarks.usual_api"
API_REQUESTS = 10**6
