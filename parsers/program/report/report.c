/* SPDX-License-Identifier: MIT */
/*
 * Makes the report, with what its page says about itself.
 */
#include "program/report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "program/report/witnesses.h"
#include "program/shared/json_line.h"

/* The day in UTC, in the Gregorian calendar. gmtime_r() reads a file of time zones first, and keeps it in memory. */
static void print_day(char *text, size_t size, uint64_t seconds)
{
    const uint64_t days = seconds / 86400 + 719468; /* since the 1st of March of the year 0 */
    const uint64_t era = days / 146097, day_of_era = days % 146097;
    const uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const uint64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    const uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const uint64_t year = year_of_era + 400 * era + (month <= 2);
    snprintf(text, size, "%04" PRIu64 "-%02" PRIu64 "-%02" PRIu64, year, month, day);
}

/* Today, or the day of SOURCE_DATE_EPOCH: then the same input makes the same page. */
static void put_date(json_t **object)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char text[64];
    print_day(text, sizeof(text), epoch ? strtoull(epoch, NULL, 10) : (uint64_t)time(NULL));
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
