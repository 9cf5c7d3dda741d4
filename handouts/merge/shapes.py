from handouts.model.shapes import PlanShape, Shape
def shape_of(library, request, edition, steps):
    return Shape(who=4, visit=5 if request.appointment else 0, steps=108 if request.format=="large-print" else 66, note=3 if request.note else 0)
def plan_shape(library, request, edition):
    return PlanShape(4,2) if request.medicines or (edition.blank) else None
