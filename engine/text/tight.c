#include "engine/text/views.h"

void make_tight(struct weir_text *text)
{
    text->views[WEIR_VIEW_TIGHT] = text->views[WEIR_VIEW_FOLD];
}
