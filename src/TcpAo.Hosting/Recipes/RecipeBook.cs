using System.Collections.Immutable;

namespace TcpAo.Hosting.Recipes;

/// <summary>The recipes there are.</summary>
public static class RecipeBook
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<Recipe> All { get; } = [new IosXeRecipe(), new IosXrRecipe(), new JunosRecipe(), new SrosRecipe(), new EosRecipe(), new BirdRecipe(), new GoBgpRecipe()];

    /// <summary>The recipe of a name; null when there is none.</summary>
    public static Recipe? Find(string name) => All.FirstOrDefault(recipe => string.Equals(recipe.Name, name, StringComparison.Ordinal));
}
