"""The workers' entry for tests on a real broker: on Valkey, a worker that is silent for a second is soon found dead."""

from dramatiq.brokers.redis import RedisBroker

from backend.worker import broker

if isinstance(broker, RedisBroker):  # RabbitMQ sees the connection end
    broker.heartbeat_timeout = 1_000
    broker.maintenance_chance = 1_000_000  # in a million: look for the dead at every turn

__all__ = ["broker"]
