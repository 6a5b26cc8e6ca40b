#include "engine/text/views.h"

void make_sound(struct weir_text *text)
{
    text->views[WEIR_VIEW_SOUND] = text->views[WEIR_VIEW_TIGHT];
}
