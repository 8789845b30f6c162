"""The workers' entry for tests on the real broker: a worker that is silent for a second is dead, and soon found out."""

from dramatiq.brokers.redis import RedisBroker

from backend.worker import broker

assert isinstance(broker, RedisBroker)
broker.heartbeat_timeout = 1_000
broker.maintenance_chance = 1_000_000  # in a million: look for the dead at every turn

__all__ = ["broker"]
