"""The message queue: one broker, chosen by BROKER_URL, and the way to send a message.

A message is only a nudge: the state of a row is the truth, so a lost or doubled message does no harm. Tasks are
declared with `@actor` in an app's `tasks.py` and sent with `send_on_commit`.
"""

from functools import partial
from typing import Any

import dramatiq
from django.conf import settings
from django.db import close_old_connections, transaction
from dramatiq.brokers.stub import StubBroker
from periodiq import PeriodiqMiddleware

AMQP = ("amqp://", "amqps://")
HEARTBEAT_MS = 20_000  # a worker silent for so long is dead: its messages go to another one


class FreshConnections(dramatiq.Middleware):
    """Drops database connections that broke or grew old, before and after each message, as a web request does."""

    def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
        close_old_connections()

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: dramatiq.MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        close_old_connections()


def make_broker(url: str) -> dramatiq.Broker:
    """The broker behind `url`: redis://, unix:// or amqp://. Without a URL messages stay in this process."""
    made: dramatiq.Broker
    if not url:
        made = StubBroker()
    elif url.startswith(AMQP):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker  # its client is only installed where RabbitMQ is used

        made = RabbitmqBroker(url=url, confirm_delivery=True)
    else:
        from dramatiq.brokers.redis import RedisBroker

        made = RedisBroker(url=url, heartbeat_timeout=HEARTBEAT_MS)
    made.add_middleware(FreshConnections())
    made.add_middleware(PeriodiqMiddleware())  # actors may name the times at which the scheduler sends them
    return made


broker = make_broker(settings.BROKER_URL)
dramatiq.set_broker(broker)
actor = partial(dramatiq.actor, broker=broker)


def send_on_commit(task: dramatiq.Actor[..., Any], *args: Any) -> None:
    """Send a message once the running transaction is committed, so that the worker sees its rows."""
    transaction.on_commit(lambda: task.send(*args))


def ping_broker() -> None:
    """Raise the client's error unless the broker answers."""
    if settings.BROKER_URL.startswith(AMQP):
        import pika  # type: ignore[import-untyped]

        with pika.BlockingConnection(pika.URLParameters(settings.BROKER_URL)):
            pass
    elif settings.BROKER_URL:
        broker.client.ping()  # type: ignore[attr-defined]  # of dramatiq's Redis broker
