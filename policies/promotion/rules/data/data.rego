# METADATA
# scope: subpackages
# title: Data
# description: >-
#   What a model learnt from: whole, described, apart from what it is tested on, kept no longer
#   than allowed and encrypted where it lies.
# custom:
#   owner: privacy-officer
package promotion.rules.data
