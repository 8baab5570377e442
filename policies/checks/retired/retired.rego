# METADATA
# scope: package
# title: Ids and names are never used again
# description: >-
#   Records, waivers and reports of years ago speak of a policy by id and name. If
#   another policy bore them, they would say something that nobody ever decided.
package checks.retired

findings contains finding if {
	some policy in input.catalog
	some gone in input.retired
	some field in ["id", "name"]
	policy[field] == gone[field]
	finding := {
		"key": policy[field],
		"message": sprintf("the %s %s belonged to a policy that was retired", [field, policy[field]]),
		"remedy": "take a fresh one; policies/retired-ids.yaml lists those that are gone",
		"file": policy.file,
		"row": policy.row,
	}
}
