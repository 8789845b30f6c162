"""The web server's entry: `backend.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
application = get_wsgi_application()

# A request of 10,000 facts makes many small objects and no circles: searching all that was loaded takes a third of it.
gc.freeze()
gc.set_threshold(100_000, 50, 50)
