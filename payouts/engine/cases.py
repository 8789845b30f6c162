"""Case files (PAYMENT_MODELS.md section 7): a model, a placement and its facts, run month by month by the engine that pays."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

import numpy as np

from backend.kernel.errors import DomainError, gettext_noop, refuse, rule
from backend.kernel.money import parse_kronor, plain_kronor
from backend.kernel.periods import Duration, add, last_day, parse_month
from contracts.fields import CODE_MOST, SOURCE_MOST, TITLE_MOST, Table, several, text
from contracts.library import library_model
from contracts.reading import read_model
from contracts.terms import PaymentModel
from outcomes.breaches import find_breaches
from outcomes.columns import KNOWLEDGE_FAR, Placements, to_date, to_day
from outcomes.facts import FactRecord, check_corrections, columns_of, day, read_fact
from payouts.engine.evaluate import Book
from payouts.engine.netting import Ledger, difference
from payouts.engine.why import Why, why
