# METADATA
# title: Digests of several files
# description: What the measuring tools call the digest of a list of files.
package promotion.lib.digests

# METADATA
# description: >-
#   The digest of one file, or SHA-256 over the sorted digests of several, one per
#   line. Undefined for none. `hallgate.measure.files.joint_digest` gives the same.
joint(each) := each[0] if count(each) == 1

else := concat("", ["sha256:", crypto.sha256(concat("", [line |
	some digest in sort(each)
	line := concat("", [digest, "\n"])
]))]) if {
	count(each) > 1
}
