import unittest

from parcels.money import format_cents, percentage, split_evenly, to_cents


class MoneyTest(unittest.TestCase):
    def test_reads_amounts(self):
        self.assertEqual(to_cents("12.30"), 1230)
        self.assertEqual(to_cents(" 1,204.5 "), 120450)

    def test_writes_amounts(self):
        self.assertEqual(format_cents(-123456), "-1,234.56 EUR")
        self.assertEqual(format_cents(5, "USD"), "0.05 USD")

    def test_rounds_half_up(self):
        self.assertEqual(percentage(150, 1.5), 2)
        self.assertEqual(percentage(100, 1.5), 2)

    def test_parts_add_up(self):
        self.assertEqual(split_evenly(100, 3), [34, 33, 33])
        with self.assertRaises(ValueError):
            split_evenly(100, 0)


if __name__ == "__main__":
    unittest.main()
