package promotion.lib.digests_test

import data.promotion.lib.digests

test_one_file_is_its_own_digest if digests.joint(["sha256:aa"]) == "sha256:aa"

# printf 'sha256:aa\nsha256:bb\n' | sha256sum
_two := "sha256:bf5a373751df09537bc2414c1155c388f48d28eb9e9a46a086e719234c999b43"

test_two_files_in_any_order if {
	digests.joint(["sha256:aa", "sha256:bb"]) == _two
	digests.joint(["sha256:bb", "sha256:aa"]) == _two
}

test_the_same_file_twice_is_not_one if digests.joint(["sha256:aa", "sha256:aa"]) != "sha256:aa"

test_nothing_has_no_digest if not digests.joint([])
