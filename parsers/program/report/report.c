/* SPDX-License-Identifier: MIT */
/*
 * Makes the report, with what its page says about itself.
 */
#include "program/report/report.h"

#include <stdlib.h>
#include <time.h>

#include "program/report/witnesses.h"
#include "program/shared/json_line.h"

/* Today, or the day of SOURCE_DATE_EPOCH: then the same input makes the same page. */
static void put_date(json_t **object)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    const time_t now = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm day;
    char text[32];
    if (gmtime_r(&now, &day) && strftime(text, sizeof(text), "%Y-%m-%d", &day))
        put_json_string(object, "date", text);
}

json_t *make_report(size_t streams, json_t *witnesses)
{
    json_t *report = json_object();
    put_json_string(&report, "kind", "report");
    put_json_string(&report, "version", VMWIRE_VERSION);
    put_date(&report);
    put_json_unsigned(&report, "streams", streams);
    put_json(&report, "grid", make_grid(witnesses));
    put_json(&report, "witnesses", witnesses);
    return report;
}
