"""The home page, the search, the look, and what the site says about itself."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from backend.kernel.language import THEME_COOKIE, THEMES
from backend.kernel.slots import cards_of, find
from backend.kernel.web import OwnPage

YEAR = 365 * 24 * 3600  # seconds


class Home(OwnPage, TemplateView):
    """What awaits the reader."""

    template_name = "kernel/home.html"
    section = "home"
    heading = _("What awaits you")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cards=cards_of(self.reader, localdate()), today=localdate(), **kwargs)


class SearchPage(OwnPage, TemplateView):
    """Finds by number or name whatever the reader's roles may see."""

    template_name = "kernel/search.html"
    heading = _("Search")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("q", "").strip()[:100]
        return super().get_context_data(asked=asked, hits=find(self.reader, asked) if asked else [], **kwargs)


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark; anything else follows the system again."""
    target = request.POST.get("next", "")
    is_own = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    response = HttpResponseRedirect(target if is_own else "/")
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@method_decorator(login_not_required, name="dispatch")
class Accessibility(TemplateView):
    """The accessibility statement that the law asks for."""

    template_name = "kernel/accessibility.html"
    extra_context = {"contact": settings.CONTACT}


class Components(OwnPage, TemplateView):
    """Every component of the pages, for developers and tests; not where real data stand."""

    template_name = "kernel/components.html"

    def may_open(self) -> bool:
        if not (settings.DEBUG or settings.DEMONSTRATION):
            raise Http404
        return True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        from backend.kernel.views.samples import samples

        return super().get_context_data(**samples(), **kwargs)
