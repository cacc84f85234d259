import unittest

from parcels.addresses import AddressError, normalize_postcode, parse_address


class AddressTest(unittest.TestCase):
    def test_parses_a_block(self):
        address = parse_address("Noor Bakker\nKade 7\n1012ab Amsterdam\nnl\n")
        self.assertEqual(address.postcode, "1012 AB")
        self.assertEqual(address.lines()[2], "1012 AB Amsterdam")

    def test_refuses_what_cannot_be_delivered(self):
        for text in ("Noor\nKade 7", "A\nB\n123 Berlin\nDE", "A\nB\n10115\nDE"):
            with self.subTest(text=text), self.assertRaises(AddressError):
                parse_address(text)

    def test_postcodes(self):
        self.assertEqual(normalize_postcode("sw1a1aa", "GB"), "SW1A 1AA")
        self.assertEqual(normalize_postcode(" 101 15", "DE"), "10115")


if __name__ == "__main__":
    unittest.main()
