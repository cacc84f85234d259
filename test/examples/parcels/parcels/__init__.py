"""Prices, routes and follows parcels."""

from .addresses import Address, parse_address
from .rates import quote
from .routing import Network
from .tracking import Shipment

__all__ = ["Address", "Network", "Shipment", "parse_address", "quote"]
