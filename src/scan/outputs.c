/*
 * The files of a report: opened before anything is scanned, so that a folder that cannot be written
 * is said at once, and given their names when all is done.
 */
#include "io/outfile.h"
#include "scan/scan.h"

int scan_outputs_open(struct scan_request *r, struct err *e)
{
	for (size_t i = 0; i < r->output_count; i++) {
		r->outputs[i].file = outfile_open(r->outputs[i].path, e);
		if (!r->outputs[i].file) {
			scan_outputs_abort(r);
			return -1;
		}
	}
	return 0;
}

int scan_outputs_commit(struct scan_request *r, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < r->output_count; i++) {
		struct outfile *file = r->outputs[i].file;

		r->outputs[i].file = NULL;
		if (result < 0)
			outfile_abort(file);
		else
			result = outfile_commit(file, e);
	}
	return result;
}

void scan_outputs_abort(struct scan_request *r)
{
	for (size_t i = 0; i < r->output_count; i++) {
		outfile_abort(r->outputs[i].file);
		r->outputs[i].file = NULL;
	}
}
