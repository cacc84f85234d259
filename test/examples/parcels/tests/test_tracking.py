import unittest
from datetime import datetime, timedelta

from parcels.labels import label, wrap
from parcels.addresses import Address
from parcels.tracking import Scan, Shipment, check_number, make_number

NOON = datetime(2026, 3, 2, 12)


class TrackingTest(unittest.TestCase):
    def setUp(self):
        self.shipment = Shipment(make_number(47), expected=NOON + timedelta(days=1))

    def test_numbers(self):
        self.assertTrue(check_number("RR473124829DE"))
        self.assertFalse(check_number("RR473124828DE"))
        self.assertTrue(all(check_number(make_number(serial)) for serial in range(200)))

    def test_late_scans_find_their_place(self):
        self.shipment.record(Scan(NOON + timedelta(hours=5), "in_transit", "hamburg"))
        self.shipment.record(Scan(NOON, "accepted", "berlin"))
        self.assertEqual(self.shipment.state(), "in_transit")
        self.assertEqual(self.shipment.dwell_times(), {"berlin": timedelta(hours=5)})

    def test_the_same_scan_counts_once(self):
        scan = Scan(NOON, "accepted", "berlin")
        self.assertTrue(self.shipment.record(scan))
        self.assertFalse(self.shipment.record(scan))
        self.assertEqual(len(self.shipment.history()), 1)

    def test_late(self):
        self.assertTrue(self.shipment.is_late(NOON + timedelta(days=2)))
        self.shipment.record(Scan(NOON, "delivered", "bremen"))
        self.assertFalse(self.shipment.is_late(NOON + timedelta(days=2)))

    def test_unknown_state(self):
        with self.assertRaises(ValueError):
            self.shipment.record(Scan(NOON, "teleported", "berlin"))


class LabelTest(unittest.TestCase):
    def test_wraps(self):
        self.assertEqual(wrap("one two three", 7), ["one two", "three"])
        self.assertEqual(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"])

    def test_label_is_a_block(self):
        printed = label(Address("Noor Bakker", "Kade 7", "1012 AB", "Amsterdam", "NL"), make_number(1), 1230)
        self.assertEqual({len(line) for line in printed.splitlines()}, {40})


if __name__ == "__main__":
    unittest.main()
