def paper_of(library, request):
    return request.paper or library.clinic.file.paper
