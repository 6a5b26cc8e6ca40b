#include "engine/text/views.h"

void make_skeleton(struct weir_text *text)
{
    text->views[WEIR_VIEW_SKELETON] = text->views[WEIR_VIEW_TIGHT];
}
