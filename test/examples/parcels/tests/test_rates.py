import unittest

from parcels.rates import MAX_GRAMS, Parcel, TooHeavy, base_price, discount_percent, quote


class RatesTest(unittest.TestCase):
    def test_begun_kilograms_count(self):
        self.assertEqual(base_price("A", 1000), 390)
        self.assertEqual(base_price("A", 1001), 430)

    def test_too_heavy(self):
        with self.assertRaises(TooHeavy):
            base_price("A", MAX_GRAMS + 1)

    def test_bulky_parcels_are_charged_by_volume(self):
        pillow = Parcel(grams=400, length=600, width=500, height=400)
        self.assertEqual(pillow.volumetric_grams(), 24_000)
        self.assertEqual(pillow.billable_grams(), 24_000)

    def test_quote_adds_up(self):
        parcel = Parcel(800, 300, 200, 100, value_cents=100_000, services=["signature", "insurance"])
        offer = quote(parcel, "B", parcels_this_month=100)
        self.assertEqual(offer["lines"], [("carriage", 615), ("signature", 150), ("insurance", 1500), ("discount", -43)])
        self.assertEqual(offer["total"], 2222)

    def test_discounts(self):
        self.assertEqual([discount_percent(count) for count in (0, 20, 99, 100, 500)], [0, 3, 3, 7, 12])


if __name__ == "__main__":
    unittest.main()
