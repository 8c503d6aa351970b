/*
 * hadolint DL3064: what ARG and ENV are given stays readable in the image and its history; secrets
 * come with RUN --mount=type=secret. Judged by the name.
 */
#include "dockerfile/rule.h"

static const char *const parts[] = {
	"api_key", "client_key", "password", "private", "secret", "token", "username",
};

/* Names of accounts and keys that hold none of the parts. */
static const char *const names[] = {
	"APPLICATION_KEY",    "AWS_ACCESS_KEY_ID",  "CI_DEPLOY_USER",
	"DOCKER_EMAIL",	      "FACEBOOK_APP_ID",    "HEROKU_API_USER",
	"OKTA_AUTHN_GROUPID", "OKTA_CLIENT_ORGURL", "OKTA_OAUTH2_CLIENTID",
	"STRIPE_DEVICE_NAME", "TRAVIS_OS_NAME",	    "TRAVIS_SECURE_ENV_VARS",
	"TRAVIS_SUDO",
};

static bool contains_nocase(struct str s, struct str part)
{
	for (size_t at = 0; at + part.len <= s.len; at++) {
		if (str_eq_nocase(str_sub(s, at, at + part.len), part))
			return true;
	}
	return false;
}

static bool is_sensitive(struct str name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (contains_nocase(name, str_of(parts[i])))
			return true;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_eq_nocase(name, str_of(names[i])))
			return true;
	}
	return false;
}

static void check(struct lint *l, const struct instruction *i)
{
	for (uint32_t n = 0; n < i->pair_count; n++) {
		if (is_sensitive(i->pairs[n].name))
			lint_report(l, i->pairs[n].name_span,
				    "Secrets in %s stay readable in the image; use RUN "
				    "--mount=type=secret",
				    instruction_kind_name(i->kind));
	}
}

const struct rule rule_dl3064 = {
	.code = "DL3064",
	.title = "Keep secrets out of ARG and ENV",
	.level = LEVEL_WARNING,
	.flags = RULE_TRIGGERS,
	.instructions = INSTRUCTION_BIT(INSTRUCTION_ARG) | INSTRUCTION_BIT(INSTRUCTION_ENV),
	.instruction = check,
};
