"""What starts the stand-in, as the trainer's own launcher starts the trainer where there is one device."""

from __future__ import annotations

from serac_sft.__main__ import main

if __name__ == "__main__":
    main()
