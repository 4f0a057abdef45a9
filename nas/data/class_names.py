"""What the classes of a data set are called. Torch-free."""

from nas.data.dataset import Dataset
from nas.data.image_folder import ImageFolder, class_folders

_CIFAR10 = "airplane automobile bird cat deer dog frog horse ship truck"
_FASHION = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
_CIFAR100 = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
willow_tree wolf woman worm
"""

_NAMES = {
    "cifar10": tuple(_CIFAR10.split()),
    "gray_cifar10": tuple(_CIFAR10.split()),
    "cifar100": tuple(_CIFAR100.split()),
    "fashion_mnist": tuple(_FASHION.split(",")),
}


def class_names(dataset: Dataset) -> tuple[str, ...]:
    """One name per label: a published set's own, a folder's name, or the label's number where nothing else is known."""
    if isinstance(dataset, ImageFolder):
        return class_folders(dataset)
    return _NAMES.get(dataset.name) or tuple(map(str, range(dataset.num_classes)))
