# METADATA
# scope: subpackages
# title: Language models
# description: >-
#   What applications of language models add: injected instructions, tools, retrieval, secrets
#   in prompts, and output or spending without end.
# custom:
#   owner: security-officer
package promotion.rules.llm
