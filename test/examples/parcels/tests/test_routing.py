import unittest
from datetime import date

from parcels.addresses import Address
from parcels.routing import Network, NoRoute, cutoff_passed, delivery_date, today_or_next, zone_between


def place(city, country):
    return Address("A", "B 1", "10115", city, country)


class RoutingTest(unittest.TestCase):
    def setUp(self):
        self.network = Network()
        self.network.connect("berlin", "hamburg", 4)
        self.network.connect("hamburg", "bremen", 2)
        self.network.connect("berlin", "bremen", 9)

    def test_fastest_way(self):
        self.assertEqual(self.network.route("berlin", "bremen"), (6, ["berlin", "hamburg", "bremen"]))

    def test_no_way(self):
        with self.assertRaises(NoRoute):
            self.network.route("berlin", "oslo")

    def test_zones(self):
        berlin = place("Berlin", "DE")
        zones = [zone_between(berlin, place(*other)) for other in (("BERLIN", "DE"), ("Bonn", "DE"), ("Paris", "FR"), ("Oslo", "NO"))]
        self.assertEqual(zones, ["A", "B", "C", "D"])

    def test_weekends_and_holidays_do_not_count(self):
        friday = date(2026, 10, 2)
        self.assertEqual(delivery_date(friday, 30), date(2026, 10, 6))
        self.assertEqual(delivery_date(friday, 1, holidays={date(2026, 10, 5)}), date(2026, 10, 6))

    def test_cutoff(self):
        self.assertFalse(cutoff_passed(16, 29))
        self.assertTrue(cutoff_passed(16, 30))
        self.assertEqual(today_or_next(17, 0, date(2026, 10, 2)), date(2026, 10, 3))


if __name__ == "__main__":
    unittest.main()
