/*
 * What readers of documents with a known shape ask of the events.
 */
#include <stdarg.h>
#include <stdio.h>

#include "text/json.h"

const char *json_event_name(enum json_event event)
{
	static const char *const names[] = {
		[JSON_END] = "the end",	     [JSON_MORE] = "the end of a part",
		[JSON_OBJECT] = "an object", [JSON_OBJECT_END] = "the end of an object",
		[JSON_ARRAY] = "a list",     [JSON_ARRAY_END] = "the end of a list",
		[JSON_KEY] = "a key",	     [JSON_STRING] = "a string",
		[JSON_NUMBER] = "a number",  [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",	     [JSON_NULL] = "null",
	};

	return names[event];
}

int json_error(const struct json *j, struct err *e, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(e, ERR_FORMAT, "line %llu, column %llu: %s", (unsigned long long)j->line,
		       (unsigned long long)j->column, text);
}

static int not_expected(struct json *j, const char *expected, struct err *e)
{
	return json_error(j, e, "expected %s, found %s", expected, json_event_name(j->event));
}

int json_expect(struct json *j, enum json_event event, struct err *e)
{
	if (json_next(j, e) < 0)
		return -1;
	return j->event == event ? 0 : not_expected(j, json_event_name(event), e);
}

int json_expect_string(struct json *j, struct str *ret_text, struct err *e)
{
	if (json_expect(j, JSON_STRING, e) < 0)
		return -1;
	*ret_text = j->text;
	return 0;
}

int json_expect_u64(struct json *j, uint64_t *ret_value, struct err *e)
{
	if (json_expect(j, JSON_NUMBER, e) < 0)
		return -1;
	if (!str_parse_u64(j->text, ret_value))
		return json_error(j, e, "expected a whole number from 0 to %llu",
				  (unsigned long long)UINT64_MAX);
	return 0;
}

int json_expect_bool(struct json *j, bool *ret_value, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event != JSON_TRUE && event != JSON_FALSE)
		return not_expected(j, "true or false", e);
	*ret_value = event == JSON_TRUE;
	return 0;
}

int json_next_key(struct json *j, struct str *ret_key, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event == JSON_OBJECT_END)
		return 0;
	if (event != JSON_KEY)
		return not_expected(j, "a key", e);
	*ret_key = j->text;
	return 1;
}

int json_next_item(struct json *j, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event == JSON_END || event == JSON_KEY || event == JSON_OBJECT_END)
		return not_expected(j, "a value of a list", e);
	return event != JSON_ARRAY_END;
}

int json_skip_rest(struct json *j, struct err *e)
{
	size_t outside = j->depth - 1;

	if (j->event != JSON_OBJECT && j->event != JSON_ARRAY)
		return 0;
	while (j->depth > outside)
		if (json_next(j, e) < 0)
			return -1;
	return 0;
}

int json_skip_value(struct json *j, struct err *e)
{
	int event = json_next(j, e);

	if (event < 0)
		return -1;
	if (event < JSON_OBJECT || event == JSON_KEY || event == JSON_OBJECT_END ||
	    event == JSON_ARRAY_END)
		return not_expected(j, "a value", e);
	return json_skip_rest(j, e);
}
