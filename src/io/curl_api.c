#include "io/curl_api.h"

#include <dlfcn.h>
#include <string.h>

/* Debian's builds over OpenSSL and over GnuTLS have one interface. */
static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

static struct curl_api api;

static int resolve(void *library, const char *name, void *ret_function, struct err *e)
{
	void *symbol = dlsym(library, name);

	if (!symbol)
		return err_set(e, ERR_UNSUPPORTED, "the HTTP library (libcurl) lacks %s", name);
	memcpy(ret_function, &symbol, sizeof(symbol));
	return 0;
}

static int resolve_all(void *library, struct err *e)
{
#define RESOLVE(name) \
	if (resolve(library, "curl_" #name, &api.name, e) < 0) \
		return -1;
	CURL_API(RESOLVE)
#undef RESOLVE
	return 0;
}

static void *open_library(struct err *e)
{
	char why[256] = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
		const char *text = library ? NULL : dlerror();

		if (library)
			return library;
		if (i == 0 && text)
			snprintf(why, sizeof(why), "%s", text);
	}
	err_set(e, ERR_UNSUPPORTED, "the HTTP library cannot be loaded: %s", why);
	err_hint(e, "install libcurl4; only downloads need it");
	return NULL;
}

const struct curl_api *curl_api_load(struct err *e)
{
	static bool ready;
	void *library;

	if (ready)
		return &api;
	library = open_library(e);
	if (!library || resolve_all(library, e) < 0)
		return NULL;
	if (api.global_init(CURL_GLOBAL_DEFAULT) != 0) {
		err_set(e, ERR_INTERNAL, "the HTTP library could not be started");
		return NULL;
	}
	ready = true;
	return &api;
}
